import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    assert bitbucket.embedded().requests().isEmpty()
    contains(log(basedir),
            '[rehearsal] Triggered pipeline #6 on branch main of acme/shop',
            '[rehearsal] Waiting for pipeline #6 on branch main of acme/shop (receipt ',
            '[rehearsal] Pipeline #6 on branch main of acme/shop is SUCCESSFUL',
            'Pipeline #6 on branch main of acme/shop ended FAILED')
}
