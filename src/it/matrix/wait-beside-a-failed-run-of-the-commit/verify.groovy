import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    contains(log(basedir),
            '[WARNING] Pipeline #42 on branch main of acme/shop of the same commit ended FAILED',
            'https://bitbucket.org/acme/shop/pipelines/results/42')
}
