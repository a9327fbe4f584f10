import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    assert bitbucket.embedded().requests().isEmpty()
    String log = log(basedir)
    contains(log,
            "(timeout): it is PAUSED, at step 'Smoke test' (3 of 3)",
            'Bitbucket holds back pipeline #6 deploy-to-production on branch main of acme/shop (HALTED)',
            'after 1h 00m (timeout): it is IN_PROGRESS',
            'The response to the trigger was lost, and one run may be the one that it created')
    assert !log.contains('pipelines/results/')
}
