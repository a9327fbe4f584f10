import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    List<String> builds = consoles(basedir)
    contains(builds[1],
            'Waiting for pipeline #42',
            'Waiting for pipeline #43',
            'Waiting for pipeline #44',
            '#44 Pipeline #44 publish on branch main of acme/shop is SUCCESSFUL',
            '1 of 3 runs did not succeed: 43',
            "#43: Pipeline #43 scan on branch main of acme/shop ended FAILED in step 'Deploy'",
            'https://bitbucket.org/acme/shop/pipelines/results/43')
    contains(builds[0], "Parameter 'all'", "'number' is given, too")
    assert new File(basedir, 'target/bitbucket-pipelines/default-cli.44.json').text.contains('SUCCESSFUL')
}
