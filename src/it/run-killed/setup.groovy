import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

InvokerBitbucket.start(context)
InvokerBitbucket.writeSettings(basedir, localRepository, '', '')
return
