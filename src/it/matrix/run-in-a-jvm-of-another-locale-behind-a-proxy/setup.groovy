import io.github.bitbucketpipelines.maven.testing.Certificate
import io.github.bitbucketpipelines.maven.testing.FaultyServer
import io.github.bitbucketpipelines.maven.testing.ForwardProxy
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript

InvokerBitbucket bitbucket = InvokerBitbucket.start(context).next(RunScript.successful())
// Only the proxy knows this host: none is used for this machine.
Certificate certificate = Certificate.of(basedir.toPath(), 'dns:bitbucket.test')
FaultyServer tls = FaultyServer.overTls(bitbucket.embedded().apiUrl(), certificate.server())
context.put('tls', tls)
context.userProperties.put('bitbucket.apiUrl', "https://bitbucket.test:${tls.port()}/2.0".toString())
ForwardProxy proxy = ForwardProxy.open()
context.put('proxy', proxy)
File config = new File(basedir, '.mvn/jvm.config')
config.parentFile.mkdirs()
config.text = "-Duser.language=fa -Duser.country=IR -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=${proxy.port()} " +
        certificate.trustStore(new File(basedir, 'trust.p12').toPath()).join(' ')
return
