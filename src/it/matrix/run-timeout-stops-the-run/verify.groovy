import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    assert bitbucket.shop().lastRun().stopRequests() == 1
    contains(log(basedir), 'Stopped waiting for pipeline #42', 'it was stopped (onTimeout=stop)')
}
