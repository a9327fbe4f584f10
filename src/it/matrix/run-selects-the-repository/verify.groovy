import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    def modules = { String repository ->
        bitbucket.embedded().repository('acme', repository).runs().collect { it.variable('MODULE').get() }
    }
    assert modules('shop') == ['product', 'flat', 'flat-api', 'all', 'stale']
    assert modules('api') == ['all-api']
    ['parent-pom', 'old-shop', 'flat-api'].each { assert modules(it) == [] }
    def consoles = consoles(basedir)
    contains(consoles[0], "[INFO] Repository acme/shop from git remote 'origin'")
    assert consoles[1].findAll(/\[INFO] Repository (.*)/) { it[1] } == ['acme/shop from <scm> of the POM'] * 2
    assert consoles[2].findAll(/\[INFO] Repository (.*)/) { it[1] } ==
            ['acme/shop from <scm> of the POM', 'acme/api from <scm> of the POM']
    contains(consoles[3],
            "<scm> of the POM is acme/old-shop, which is no git remote here, and git remote 'origin' is acme/shop",
            '-Dbitbucket.repository=acme/old-shop or -Dbitbucket.repository=acme/shop',
            'BUILD FAILURE')
    assert !consoles.any { it.contains('[WARNING] Repository') }
}
