import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    assert bitbucket.shop().runs().countBy { it.variable('CASE').get() } == ['that-module': 1, 'right': 1]
    def console = consoles(basedir)
    contains(console[0], "has no execution 'deploy-to-prodution'", "Did you mean 'deploy-to-production'?", 'BUILD FAILURE')
    contains(console[1], "has no execution 'release'", 'It is in typed-a', '-pl :typed-a', 'BUILD FAILURE')
}
