import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

InvokerBitbucket.writeSettings(basedir, localRepository, """
    <server>
      <id>read-only</id>
      <password>a-token-that-may-only-read</password>
    </server>
""", '')
InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.embedded().acceptBearer('a-token-that-may-only-read', 'pipeline', 'repository', 'repository:admin')
bitbucket.shop().file('bitbucket-pipelines.yml', InvokerBitbucket.DEFINITION).pipelinesEnabled(false)
return
