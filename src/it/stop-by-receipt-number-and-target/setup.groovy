import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.shop().customPipeline('nightly')
bitbucket.next(RunScript.of(StepScript.named('Build').lasting(Duration.ofHours(1))).stopping(Duration.ofSeconds(2)))
return
