using System.Reflection;
using System.Reflection.Metadata;

namespace Mtlc.Compiler.Ir;

/// <summary>
/// The classes that a namespace of an assembly declares, by the assembly's metadata: no other class is loaded.
/// <see cref="Assembly.GetTypes"/> loads all, and with them the assemblies that they derive from: Protobuf for a program that
/// exports nothing, TorchSharp for one that computes nothing. </summary>
public static class DeclaredTypes
{
    /// <param name="space">A namespace; those below it count too.</param>
    /// <returns>In the order of their declaration, without nested ones.</returns>
    public static IEnumerable<Type> In(Assembly assembly, string space) =>
        Names(assembly, space)?.Select(n => assembly.GetType(n, throwOnError: true)!)
        ?? assembly.GetTypes().Where(t => !t.IsNested && IsIn(t.Namespace ?? "", space));

    /// <returns>null where the assembly has no metadata to be read.</returns>
    static unsafe List<string>? Names(Assembly assembly, string space)
    {
        if (!assembly.TryGetRawMetadata(out var start, out var length))
            return null;
        var reader = new MetadataReader(start, length);
        var names = new List<string>();
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            if (!type.IsNested && reader.GetString(type.Namespace) is var own && IsIn(own, space))
                names.Add($"{own}.{reader.GetString(type.Name)}");
        }
        return names;
    }

    static bool IsIn(string own, string space) =>
        own.StartsWith(space, StringComparison.Ordinal) && (own.Length == space.Length || own[space.Length] == '.');
}
