import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

// The warnings before the run is triggered.
def warnings = { String console ->
    assert console.contains('Triggered pipeline #6')
    console.substring(0, console.indexOf('Triggered pipeline #6')).readLines().findAll { it.contains('[WARNING]') }.join('\n')
}

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    def console = consoles(basedir)
    contains(warnings(console[0]), 'maven-deploy-plugin', 'warnIfNotLast')
    assert !console[1].contains('warnIfNotLast')
    assert !console[2].contains('warnIfNotLast')
    // On Maven 4 the extension of that plugin binds no goal.
    if (!console[3].startsWith('Apache Maven 4')) {
        contains(warnings(console[3]), 'central-publishing-maven-plugin', 'warnIfNotLast')
    }
    contains(console[3], 'BUILD FAILURE')
    contains(warnings(console[4]), 'after-a, after-b, after-c', 'warnIfNotLast')
    assert !console[5].contains('warnIfNotLast')
}
