import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.embedded().acceptBearer('a-token-that-may-only-read', 'pipeline', 'repository', 'repository:admin')
bitbucket.shop().file('bitbucket-pipelines.yml', InvokerBitbucket.DEFINITION).pipelinesEnabled(false)
return
