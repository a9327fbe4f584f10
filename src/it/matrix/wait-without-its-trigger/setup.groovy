import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import java.time.Duration

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
// Of another commit than that of any checkout.
bitbucket.shop().push('main', RunScript.of(StepScript.named('Build').lasting(Duration.ofMillis(900))))
bitbucket.forward(Duration.ofHours(24))
bitbucket.shop().defaultScript(RunScript.of(StepScript.named('Build').lasting(Duration.ofMillis(900))))
return
