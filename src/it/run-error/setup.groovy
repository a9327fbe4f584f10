import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.Script

InvokerBitbucket.start(context).next(Script.error('plan-service.parse.error', 'The bitbucket-pipelines.yml is broken at line 7.'))
return
