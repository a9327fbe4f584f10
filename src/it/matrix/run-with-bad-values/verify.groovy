import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    assert bitbucket.embedded().requests().isEmpty()
    contains(log(basedir),
            "Parameter 'tag' (-Dbitbucket.tag)",
            "Parameter 'timeout' (-Dbitbucket.timeout): 'soon' is not a duration",
            "'2ND' is not a variable's name",
            "Parameter 'repository' (-Dbitbucket.repository)",
            "Parameter 'apiUrl' (-Dbitbucket.apiUrl)",
            "'perhaps' is neither true nor false",
            "did you mean 'timeout'",
            "'explode' is none of: fail, stop, warn")
}
