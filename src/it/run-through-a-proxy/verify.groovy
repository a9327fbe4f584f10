import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    String log = log(basedir)
    contains(log, 'BUILD SUCCESS')
    assert !log.contains('a-proxy-password-that-no-log-may-show')
    def proxied = context.get('proxy').requests()
    int port = context.get('tls').port()
    // Maven may look for artifacts through the proxy, too.
    assert proxied.any { it.startsWith("CONNECT bitbucket.test:${port}".toString()) }
    assert proxied.every { it.startsWith('CONNECT ') }
    // The proxy's credentials stay with the proxy.
    assert bitbucket.embedded().requests().every { it.header('Proxy-Authorization').isEmpty() }
    context.get('tls').close()
    context.get('proxy').close()
}
