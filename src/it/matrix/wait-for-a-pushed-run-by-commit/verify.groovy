import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    contains(log(basedir),
            'No run of commit 5f0c1d2e3f40 of acme/shop yet; it has 1m 00s to appear.',
            'Waiting for pipeline #44 on branch main of acme/shop (the newest of commit 5f0c1d2e3f40 of acme/shop)',
            'Pipeline #44 on branch main of acme/shop is SUCCESSFUL',
            'No run of branch quiet of acme/shop has appeared within 2s',
            '2 unfinished runs match branch busy of acme/shop',
            '#42 on branch busy, IN_PROGRESS, https://bitbucket.org/acme/shop/pipelines/results/42',
            '#43 on branch busy, IN_PROGRESS, https://bitbucket.org/acme/shop/pipelines/results/43')
}
