import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.Script
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration

InvokerBitbucket.start(context).shop().otherwise(Script.of(StepScript.named('Build').lasting(Duration.ofMillis(900))))
return
