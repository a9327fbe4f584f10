import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.Script
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.shop().customPipeline('docs').customPipeline('nightly')
bitbucket.next(Script.of(StepScript.named('Build').lasting(Duration.ofSeconds(25))))
bitbucket.next(Script.of(StepScript.named('Build').lasting(Duration.ofHours(1))))
return
