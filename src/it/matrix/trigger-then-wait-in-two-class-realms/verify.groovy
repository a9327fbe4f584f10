import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    def runs = bitbucket.shop().runs()
            .groupBy { it.variable('CASE').get() }
            .collectEntries { name, runs -> [name, runs.collect { it.variable('WHAT').orElse('-') }.sort()] }
    assert runs == ['extension': ['-'], 'dependency': ['-', '-'], 'inherited': ['inherited-c']]
    def console = consoles(basedir)
    contains(console[0], 'Triggered pipeline #42', 'Waiting for pipeline #42', 'Pipeline #42 on branch main of acme/shop is SUCCESSFUL')
    console.each { assert !it.contains('cannot be cast') }
}
return
