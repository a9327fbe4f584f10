import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
String other = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
bitbucket.shop().branch('feature/a-name-that-goes-on-and-on-and-on-and-on', other).customPipeline('nightly')
bitbucket.shop().history('main', Optional.empty(), [Duration.ofSeconds(63), Duration.ofMinutes(5)])
bitbucket.shop().history('main', Optional.of('nightly'), [Duration.ofHours(2)])
bitbucket.shop().push('feature/a-name-that-goes-on-and-on-and-on-and-on', RunScript.of(StepScript.named('Build').lasting(Duration.ofHours(1))))
return
