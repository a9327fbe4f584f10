import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    assert bitbucket.embedded().requests().isEmpty()
    contains(log(basedir), "settings.xml has no server 'nowhere'", '<id>nowhere</id>', '<password>an API token')
}
