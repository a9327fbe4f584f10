import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    assert bitbucket.embedded().requests().isEmpty()
    String log = log(basedir)
    contains(log,
            '[INFO] [rehearsal] Triggered pipeline #1 deploy-to-production on branch main of acme/shop',
            '[INFO] [rehearsal] Pipeline #1 deploy-to-production on branch main of acme/shop is SUCCESSFUL',
            "ended FAILED in step 'Smoke test'",
            'Requested selector is not found in bitbucket-pipelines.yml')
    assert log =~ /\[rehearsal\] #1 Fetch the release SUCCESSFUL/
    assert log =~ /\[rehearsal\] #1 Smoke test +FAILED/
}
