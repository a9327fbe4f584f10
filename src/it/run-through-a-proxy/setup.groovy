import io.github.bitbucketpipelines.maven.testing.Certificate
import io.github.bitbucketpipelines.maven.testing.FaultyServer
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.testing.ForwardProxy
import io.github.bitbucketpipelines.maven.rehearsal.RunScript

InvokerBitbucket bitbucket = InvokerBitbucket.start(context).next(RunScript.successful())
// Only the proxy knows this host: none is used for this machine.
Certificate certificate = Certificate.of(basedir.toPath(), 'dns:bitbucket.test')
FaultyServer tls = FaultyServer.overTls(bitbucket.embedded().apiUrl(), certificate.server())
context.put('tls', tls)
context.userProperties.put('bitbucket.apiUrl', "https://bitbucket.test:${tls.port()}/2.0".toString())
File config = new File(basedir, '.mvn/jvm.config')
config.parentFile.mkdirs()
config.text = certificate.trustStore(new File(basedir, 'trust.p12').toPath()).join(' ')
ForwardProxy proxy = ForwardProxy.forUser('proxy-user', 'a-proxy-password-that-no-log-may-show')
context.put('proxy', proxy)
InvokerBitbucket.writeSettings(basedir, localRepository, '', """
    <proxy>
      <id>company</id>
      <protocol>http</protocol>
      <host>127.0.0.1</host>
      <port>${proxy.port()}</port>
      <username>proxy-user</username>
      <password>a-proxy-password-that-no-log-may-show</password>
    </proxy>""")
return
