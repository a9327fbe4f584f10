import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    contains(log(basedir),
            'This JVM trusts every certificate now',
            "can't be trusted: its certificate is not signed by an authority that this JVM trusts",
            'BUILD FAILURE')
    // A connection was made, and nothing was sent over it: no credentials either.
    assert context.get('tls').connections() > 0
    assert bitbucket.embedded().requests().isEmpty()
    context.get('tls').close()
}
