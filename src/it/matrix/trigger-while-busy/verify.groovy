import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(2)
    contains(log(basedir),
            'Pipeline #42 of the same pipeline and ref is IN_PROGRESS; onBusy=fail, so that nothing was triggered:',
            's (timeout): Pipeline #42 of the same pipeline and ref is IN_PROGRESS (onBusy=wait). Nothing was triggered:',
            'waiting for it (onBusy=wait): https://bitbucket.org/acme/shop/pipelines/results/43',
            'The other run has finished',
            'Pipeline #44 on branch release of acme/shop is SUCCESSFUL',
            'Triggered pipeline #45 nightly on branch main of acme/shop')
    def inTheWay = bitbucket.shop().runs()[1]
    assert context.get('triggeredAt').isAfter(inTheWay.endsOn().get())
}
