import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.testing.ScratchGit

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
['product': 'shop', 'flat': 'shop', 'all': 'shop', 'all/api': 'api', 'stale': 'shop'].each { directory, repository ->
    ScratchGit git = ScratchGit.in(new File(basedir, directory)).init()
    git.run('remote', 'add', 'origin', "git@bitbucket.org:acme/${repository}.git".toString())
    // What runs is HEAD, so that the console has no warning of it.
    bitbucket.embedded().repository('acme', repository).branch('main', git.run('rev-parse', 'HEAD'))
}
// The wrong ones would accept a run, too.
['parent-pom', 'old-shop', 'flat-api'].each {
    bitbucket.embedded().repository('acme', it).branch('main', '0123456789abcdef0123456789abcdef01234567')
}
return
