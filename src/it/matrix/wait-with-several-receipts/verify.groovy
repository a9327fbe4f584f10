import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(2)
    contains(log(basedir),
            "Parameter 'receipt' (-Dbitbucket.receipt): 2 runs have receipts here; name one of their executions",
            'start-docs: #42, IN_PROGRESS, https://bitbucket.org/acme/shop/pipelines/results/42',
            'start-nightly: #43, IN_PROGRESS, https://bitbucket.org/acme/shop/pipelines/results/43',
            'Waiting for pipeline #42 docs on branch main of acme/shop (receipt target/bitbucket-pipelines/start-docs.json)',
            'Pipeline #42 docs on branch main of acme/shop is SUCCESSFUL',
            "there is no receipt 'start-dosc' of acme/shop in ",
            'Stopping pipeline #43 nightly on branch main of acme/shop (receipt target/bitbucket-pipelines/start-nightly.json)',
            'Pipeline #43 nightly on branch main of acme/shop has stopped')
    assert bitbucket.shop().runs()*.stopRequests() == [0, 1]
}
