import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    String log = log(basedir)
    contains(log, 'BUILD SUCCESS')
    assert !log.contains('a-proxy-password-that-no-log-may-show')
    def proxied = context.get('proxy').requests()
    assert proxied.any { it.startsWith('POST http://127.0.0.1:') }
    // The proxy's credentials stay with the proxy.
    assert bitbucket.embedded().requests().every { it.header('Proxy-Authorization').isEmpty() }
    context.get('proxy').close()
}
