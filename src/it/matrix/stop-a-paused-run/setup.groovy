import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.shop().push('main', RunScript.of(StepScript.named('Build'), StepScript.named('Deploy').manual()))
return
