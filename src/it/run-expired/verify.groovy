import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    String log = log(basedir)
    contains(log,
            'Pipeline #42 on branch main of acme/shop ended EXPIRED'.replace('|', "'"),
            'https://bitbucket.org/acme/shop/pipelines/results/42',
            'BUILD FAILURE')
}
