import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.testing.ScratchGit

// Not below target, which a release cleans.
File origin = new File(basedir, 'origin.git')
File releases = new File(basedir, 'releases')
File pom = new File(basedir, 'pom.xml')
pom.text = pom.text.replace('ORIGIN', 'file://' + origin.toPath().toUri().path)
        .replace('RELEASES', releases.toPath().toUri().toString())
new File(basedir, '.gitignore').text = ['target', 'origin.git', 'releases', 'build.log', '*.groovy', '*.releaseBackup',
        'invoker.properties', 'release.properties'].join('\n')

ScratchGit git = ScratchGit.in(basedir).init()
git.run('clone', '--quiet', '--bare', '.', origin.path)
git.run('remote', 'add', 'origin', origin.path)
git.run('fetch', '--quiet', 'origin')
git.run('branch', '--set-upstream-to=origin/main')

InvokerBitbucket bitbucket = InvokerBitbucket.start(context).next(RunScript.successful()).next(RunScript.successful())
bitbucket.shop().customPipeline('deploy-to-production')
// The release plugin starts a Maven of its own, which has only the options in this.
Properties properties = context.get('userProperties')
properties.put('arguments', "-Dbitbucket.apiUrl=${bitbucket.embedded().apiUrl()}".toString())

// What there was when a trigger came in: of which release it was, and how Bitbucket responded. Of the first release Bitbucket
// knows every tag that was pushed; of the second only after one request in vain.
List<Map> seen = Collections.synchronizedList([])
context.put('seen', seen)
bitbucket.embedded().intercept { request, next ->
    if (request.method() != 'POST' || !request.path().endsWith('/pipelines')) {
        return next.proceed()
    }
    Map<String, String> pushed = [:]
    ScratchGit.in(origin).run('tag', '--format=%(refname:short) %(objectname)').eachLine { line ->
        def (tag, hash) = line.split(' ')
        pushed[tag] = hash
    }
    pushed.findAll { tag, hash -> tag == 'v1.0' }.each { tag, hash -> bitbucket.shop().tag(tag, hash) }
    def response = next.proceed()
    pushed.each { tag, hash -> bitbucket.shop().tag(tag, hash) }
    List<String> deployed = []
    if (releases.isDirectory()) {
        releases.eachFileRecurse { deployed << it.name }
    }
    seen << [pushed: pushed.keySet(), deployed: deployed.toSet(), status: response.status()]
    return response
}
return
