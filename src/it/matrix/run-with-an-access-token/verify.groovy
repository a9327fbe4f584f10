import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    assert bitbucket.embedded().requests().every { it.header('Authorization').get() == 'Bearer ' + InvokerBitbucket.ACCESS_TOKEN }
    contains(log(basedir), 'BUILD SUCCESS')
}
