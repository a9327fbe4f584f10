import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

InvokerBitbucket.start(context)
return
