import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    def runs = bitbucket.shop().runs().collectEntries {
        [it.variable('CASE').get(), [it.variable('VERSION').get(), it.variable('REGION').get()]]
    }
    assert runs == ['pom': ['5f0c1d2', 'eu'], 'maven-opts': ['5f0c1d2', 'us']]
    assert bitbucket.triggers().size() == 2
    def console = consoles(basedir)
    contains(console[0], 'VERSION', '${git.commit.id.abbrev}', 'BUILD FAILURE')
    contains(console[3], 'bitbucket.brunch', 'bitbucket.branch', 'BUILD FAILURE')
}
