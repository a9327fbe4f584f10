import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    String log = log(basedir)
    contains(log,
            'Triggered pipeline #42 on branch main of acme/shop',
            'Waiting for pipeline #42 on branch main of acme/shop (receipt ',
            'Pipeline #42 on branch main of acme/shop is SUCCESSFUL')
    // It was killed for good: nothing was said about it.
    assert !log.contains('Killed')
    def receipt = new groovy.json.JsonSlurper().parse(new File(basedir, 'target/bitbucket-pipelines/default-cli.json'))
    assert receipt.result == 'SUCCESSFUL'
}
