import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(2)
    def seen = context.get('seen')
    assert seen.collect { it.status } == [201, 404, 201]

    // Once for the whole reactor, for the tag just pushed, and after all modules were deployed.
    assert seen[0].pushed == ['v1.0'] as Set
    assert seen[0].deployed.containsAll(['shop-1.0.pom', 'shop-core-1.0.pom', 'shop-core-1.0.jar'])
    assert seen[1].pushed == ['v1.0', 'v1.1'] as Set
    assert seen[1].deployed.containsAll(['shop-1.1.pom', 'shop-core-1.1.pom', 'shop-core-1.1.jar'])

    def slurper = new groovy.json.JsonSlurper()
    def triggers = bitbucket.triggers().collect { slurper.parseText(it) }
    assert triggers.collect { it.target.ref_type + ' ' + it.target.ref_name } == ['tag v1.0', 'tag v1.1', 'tag v1.1']
    assert triggers.collect { it.target.selector.pattern }.unique() == ['deploy-to-production']
    assert bitbucket.shop().runs().collect { it.variable('VERSION').get() } == ['1.0', '1.1']

    contains(log(basedir),
            'Triggered pipeline #42 deploy-to-production on tag v1.0 of acme/shop',
            'Could not find last reference for tag v1.1',
            'It may have been pushed a moment ago',
            'Triggered pipeline #43 deploy-to-production on tag v1.1 of acme/shop')
}
