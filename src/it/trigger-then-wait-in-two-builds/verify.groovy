import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    String log = log(basedir)
    contains(log,
            'Triggered pipeline #42 on branch main of acme/shop',
            'Waiting for pipeline #42 on branch main of acme/shop (receipt ',
            'Pipeline #42 on branch main of acme/shop is SUCCESSFUL',
            "Pipeline with build number '43' not found",
            'Waiting for pipeline #42 on branch main of acme/shop (number)')
    assert log.count('is SUCCESSFUL') == 2
    // The run that is over is looked at once, and not listed.
    def paths = bitbucket.embedded().requests().findAll { it.method() == 'GET' }.collect { it.path() }
    assert paths.findAll { it.endsWith('/pipelines') }.size() == 1
}
