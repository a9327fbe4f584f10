import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    def console = consoles(basedir)
    assert !console[0].contains('is SUCCESSFUL')
    contains(console[0], 'BUILD FAILURE')
    contains(console[1],
            'Triggered pipeline #43 on branch main of acme/shop',
            'Waiting for pipeline #43 on branch main of acme/shop (receipt ',
            'Pipeline #43 on branch main of acme/shop is SUCCESSFUL')
}
