import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.Script

InvokerBitbucket.start(context).next(Script.successful()).next(Script.successful())
return
