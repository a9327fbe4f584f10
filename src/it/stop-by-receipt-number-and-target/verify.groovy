import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    assert bitbucket.shop().lastRun().stopRequests() == 1
    contains(log(basedir),
            'Stopping pipeline #42 on branch main of acme/shop (receipt ',
            'Pipeline #42 on branch main of acme/shop has stopped',
            'Pipeline #42 on branch main of acme/shop is over already: STOPPED',
            "Parameter 'number' (-Dbitbucket.number): it is not given, and there is no receipt of an unfinished run")
}
