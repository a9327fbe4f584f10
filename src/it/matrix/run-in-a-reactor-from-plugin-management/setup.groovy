import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import java.time.Duration

InvokerBitbucket.start(context).shop().defaultScript(RunScript.of(StepScript.named('Build').lasting(Duration.ofMillis(900))))
return
