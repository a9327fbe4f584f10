import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript

InvokerBitbucket.start(context).next(RunScript.successful().result("MELTED"))
return
