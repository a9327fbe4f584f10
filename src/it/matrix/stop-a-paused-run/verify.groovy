import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    assert bitbucket.shop().lastRun().stopRequests() == 1
    contains(log(basedir),
            'Pipeline #42 on branch main of acme/shop is PAUSED, and Bitbucket does not stop a run that waits for a person',
            'Stop it on its web page: https://bitbucket.org/acme/shop/pipelines/results/42')
}
