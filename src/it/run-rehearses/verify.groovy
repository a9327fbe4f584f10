import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    assert bitbucket.embedded().requests().isEmpty()
    String log = log(basedir)
    contains(log,
            '[INFO] [rehearsal] Triggered pipeline #6 deploy-to-production on branch main of acme/shop',
            '[INFO] [rehearsal] Pipeline #6 deploy-to-production on branch main of acme/shop is SUCCESSFUL',
            "[rehearsal] Pipeline #6 deploy-to-production on branch main of acme/shop ended FAILED in step 'Smoke test'",
            'Requested selector is not found in bitbucket-pipelines.yml',
            "has no pipeline 'deploy-to-prod' under custom: did you mean 'deploy-to-production'?",
            "'paussed' is neither true nor one of",
            'did you mean PAUSED?')
    assert !log.contains('pipelines/results/')
    assert log =~ /\[rehearsal\] #6 Fetch the release SUCCESSFUL/
    assert log =~ /\[rehearsal\] #6 Smoke test +FAILED/
}
