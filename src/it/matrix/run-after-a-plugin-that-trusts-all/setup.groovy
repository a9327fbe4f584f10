import io.github.bitbucketpipelines.maven.testing.Certificate
import io.github.bitbucketpipelines.maven.testing.FaultyServer
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
FaultyServer tls = FaultyServer.overTls(
        bitbucket.embedded().apiUrl(), Certificate.of(basedir.toPath(), 'dns:localhost').server())
context.put('tls', tls)
context.userProperties.put('bitbucket.apiUrl', "https://localhost:${tls.port()}/2.0".toString())
return
