import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    assert bitbucket.embedded().requests().isEmpty()
    contains(log(basedir),
            "Parameter 'variables'",
            "the value of MSG contains the password of server 'bitbucket.org' in settings.xml",
            "Parameter 'pipeline' (-Dbitbucket.pipeline): the value contains the password of server 'wrong-token'",
            'this JVM read its arguments as ANSI_X3.4-1968: set LANG=C.UTF-8')
    assert !log(basedir).contains('a-token-that-was-not-given')
}
