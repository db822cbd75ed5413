using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>How a point of a surface meets light: diffuse reflectance, mirror strength, own light; a hole shows what lies
/// behind.</summary>
record struct Surface(Vector3 Albedo)
{
    /// <summary>0 dull .. 1 a mirror at grazing angles, as glass and lacquer are.</summary>
    public float Gloss { get; set; }
    public Vector3 Emission { get; set; }
    public bool Hole { get; set; }

    /// <summary>Leaves let light through from behind.</summary>
    public bool Translucent { get; set; }
}
