import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript

InvokerBitbucket.start(context).next(RunScript.error('plan-service.parse.error', 'The bitbucket-pipelines.yml is broken at line 7.'))
return
