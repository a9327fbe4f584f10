import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    assert bitbucket.shop().lastRun().stopRequests() == 0
    contains(log(basedir),
            'Stopped waiting for pipeline #42 on branch main of acme/shop',
            'This is not a verdict on the run, which goes on.',
            'mvn bitbucket-pipelines:wait -Dbitbucket.number=42')
}
