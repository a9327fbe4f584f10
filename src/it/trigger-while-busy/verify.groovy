import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(2)
    contains(log(basedir),
            'Pipeline #42 of the same pipeline and ref is IN_PROGRESS; onBusy=fail, so that nothing was triggered:',
            'Stopped waiting after 2s (timeout): Pipeline #42 of the same pipeline and ref is IN_PROGRESS (onBusy=wait). Nothing was triggered:',
            'Pipeline #42 of the same pipeline and ref is IN_PROGRESS, waiting for it (onBusy=wait): https://bitbucket.org/acme/shop/pipelines/results/42',
            'No other run is in the way any more',
            'Pipeline #43 on branch main of acme/shop is SUCCESSFUL',
            'Triggered pipeline #44 nightly on branch main of acme/shop')
    def pushed = bitbucket.shop().runs()[0]
    assert context.get('triggeredAt').isAfter(pushed.endsOn().get())
}
