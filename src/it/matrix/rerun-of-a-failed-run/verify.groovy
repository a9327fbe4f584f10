import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(3)
    List<String> builds = consoles(basedir)
    contains(builds[1],
            'Repeating pipeline #42 deploy-to-production on branch main of acme/shop, FAILED (number)',
            'Pipeline #43 deploy-to-production on branch main at 5f0c1d2e3f40 of acme/shop is SUCCESSFUL')
    contains(builds[2],
            '[WARNING] Bitbucket does not return the variables of #43, if it had any; the new run has none')
    contains(builds[3], "Parameter 'number'", 'which run is to be repeated?')
    assert bitbucket.triggers()[1].contains('"hash":"5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4"')
    assert bitbucket.triggers()[1].contains('"VERSION"')
    assert !bitbucket.triggers()[2].contains('"VERSION"')
}
