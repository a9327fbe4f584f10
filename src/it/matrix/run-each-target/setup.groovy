import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.shop().customPipeline('nightly')
bitbucket.shop().pullRequest(7, 'feature/cart', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'main', '5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4')
return
