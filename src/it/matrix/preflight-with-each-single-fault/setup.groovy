import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
def embedded = bitbucket.embedded()
embedded.acceptBearer('a-token-that-may-only-read', 'pipeline', 'repository')
embedded.acceptBearer('a-token-that-may-do-runs', 'pipeline', 'pipeline:write')
String head = '5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4'
bitbucket.shop().customPipeline('deploy-to-production').file('bitbucket-pipelines.yml', InvokerBitbucket.DEFINITION)
embedded.repository('acme', 'off').branch('main', head).file('bitbucket-pipelines.yml', InvokerBitbucket.DEFINITION).pipelinesEnabled(false)
embedded.repository('acme', 'empty').branch('main', head)
embedded.repository('acme', 'broken').branch('main', head).file('bitbucket-pipelines.yml', 'pipelines: [')
return
